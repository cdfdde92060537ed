"""What programs say about each other must agree."""

from collections.abc import Sequence

from models.documents import Node
from models.programs.program import Program


def check_relations(nodes: Sequence[Node], programs: Sequence[Program]) -> None:
    """Note mistakes between programs.

    Args:
        nodes: The documents, for naming the place.
        programs: What was read from each of them, in the same order.
    """
    known = {program.program_id: program for program in programs if program.program_id}
    for node, program in zip(nodes, programs, strict=True):
        for relation in ("compatible_programs", "exclusive_programs", "parts"):
            _check_names(node, program, relation, known)
        for other in sorted(set(program.compatible_programs) & set(program.exclusive_programs)):
            node.wrong(f"calls {other} both compatible and exclusive")
        _check_parts(node, program, known)


def _check_names(node: Node, program: Program, relation: str, known: dict[str, Program]) -> None:
    for name in getattr(program, relation):
        if name == program.program_id:
            node.wrong(f"names the program itself in {relation}")
        elif name not in known:
            node.wrong(f"names {name} in {relation}, and there is no such program")
        elif relation != "parts" and program.program_id not in getattr(known[name], relation):
            node.wrong(f"names {name} in {relation}, but {name} does not name {program.program_id}")


def _check_parts(node: Node, program: Program, known: dict[str, Program]) -> None:
    if program.program_type != "bundle":
        if program.parts:
            node.wrong("has parts, which only programs of type bundle have")
        return
    if len(program.parts) < 2:
        node.wrong("is a bundle of fewer than two programs")
    parts = [known[name] for name in program.parts if name in known]
    for part in parts:
        if part.program_type == "bundle":
            node.wrong(f"has the bundle {part.program_id} as a part")
        for other in sorted(set(part.exclusive_programs) & set(program.parts)):
            if part.program_id < other:
                node.wrong(f"joins {part.program_id} and {other}, which exclude each other")
