"""The nodes of all accounts and the paths they are reached under."""

from __future__ import annotations

from mirrorfs.emulators.smugmug.values import Deleted, Node


class Tree:
    """Nodes by id and by parent; remembers where renamed nodes were, for 301 answers."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self.nodes = nodes
        self.deleted: list[Deleted] = []
        self._children: dict[str, dict[str, None]] = {}
        for node in nodes.values():
            if node.parent:
                self._children.setdefault(node.parent, {})[node.node_id] = None
        self._former: dict[tuple[str, str], str] = {}

    def get(self, node_id: str) -> Node | None:
        """Look a node up."""
        return self.nodes.get(node_id)

    def save(self, node: Node) -> None:
        """Add a node or replace the state it had."""
        old = self.nodes.get(node.node_id)
        if old and (old.url_name, old.parent) != (node.url_name, node.parent):
            for one in [old, *self.below(old.node_id)]:
                self._former[one.nick, self.path(one).casefold()] = one.node_id
        if old and old.parent and old.parent != node.parent:
            del self._children[old.parent][node.node_id]
        self.nodes[node.node_id] = node
        if node.parent:
            self._children.setdefault(node.parent, {})[node.node_id] = None

    def remove(self, node: Node, now: float) -> None:
        """Forget a node that has no children any more."""
        self.deleted.append(Deleted(node, self.path(node), now))
        del self.nodes[node.node_id]
        if node.parent:
            del self._children[node.parent][node.node_id]

    def children(self, node_id: str) -> list[Node]:
        """Give the nodes right below one, in the order they came."""
        return [self.nodes[child] for child in self._children.get(node_id, ())]

    def below(self, node_id: str) -> list[Node]:
        """Give all nodes below one, children before their parents."""
        found: list[Node] = []
        for child in self.children(node_id):
            found += [*self.below(child.node_id), child]
        return found

    def above(self, node_id: str) -> list[Node]:
        """Give a node and all above it, the root last."""
        found: list[Node] = []
        at: str | None = node_id
        while at:
            found.append(self.nodes[at])
            at = found[-1].parent
        return found

    def depth(self, node_id: str) -> int:
        """Give how many levels below the root a node is."""
        return len(self.above(node_id)) - 1

    def height(self, node_id: str) -> int:
        """Give how many levels of folders a node spans, itself included."""
        heights = [
            self.height(child.node_id) for child in self.children(node_id) if child.holds_nodes
        ]
        return 1 + max(heights, default=0)

    def path(self, node: Node) -> str:
        """Give the path of a node below its owner's site: ``/Events/Zero``, ``/`` for the root."""
        return "/" + "/".join(one.url_name for one in reversed(self.above(node.node_id)[:-1]))

    def find(self, nick: str, path: str) -> Node | None:
        """Give the node of a path, whatever its case."""
        wanted = [part.casefold() for part in path.strip("/").split("/") if part]
        at = next((one for one in self.nodes.values() if one.nick == nick and one.is_root), None)
        for part in wanted:
            below = self.children(at.node_id) if at else []
            at = next((one for one in below if one.url_name.casefold() == part), None)
        return at

    def moved(self, nick: str, path: str) -> Node | None:
        """Give the node that had this path before it or a folder above it was renamed."""
        node_id = self._former.get((nick, "/" + path.strip("/").casefold()))
        return self.nodes.get(node_id) if node_id else None

    def next_index(self, node_id: str) -> int:
        """Give the sort index of a new child: after all others."""
        return max((child.sort_index for child in self.children(node_id)), default=0) + 1
