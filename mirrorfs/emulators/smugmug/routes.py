"""What answers requests: readers by endpoint type, changes by method and endpoint type.

A reader answers GET; the paths are those of the ``catalog``. Changes are ``("POST",
"ChildNodes", handler)``: they are given the body's fields as the call's parameters, need the
permission of their method (POST Add, PATCH and DELETE Modify) and may not be multi-gets.
"""

from __future__ import annotations

from mirrorfs.emulators.smugmug import batches, image_changes, node_changes, task_readers
from mirrorfs.emulators.smugmug.calls import Handler
from mirrorfs.emulators.smugmug.readers import READS

READERS: tuple[tuple[str, Handler], ...] = (
    *READS,
    ("Task", task_readers.read_task),
    ("UserTasks", task_readers.read_user_tasks),
)

CHANGES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "ChildNodes", node_changes.create_node),
    ("PATCH", "Node", node_changes.change_node),
    ("DELETE", "Node", node_changes.delete_node),
    ("POST", "MoveNodes", batches.move_nodes),
    ("PATCH", "Album", node_changes.change_album),
    ("DELETE", "Album", node_changes.delete_album),
    ("POST", "MoveAlbumImages", batches.move_images),
    ("POST", "CollectImages", batches.collect_images),
    ("POST", "DeleteAlbumImages", batches.delete_images),
    ("POST", "UploadFromUri", image_changes.upload_from_uri),
    ("PATCH", "AlbumImage", image_changes.change_album_image),
    ("DELETE", "AlbumImage", image_changes.delete_album_image),
    ("PATCH", "Image", image_changes.change_image),
    ("DELETE", "Image", image_changes.delete_image),
    ("POST", "RotateImage", image_changes.rotate_image),
)
