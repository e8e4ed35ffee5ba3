from importlib.metadata import files, requires

from packaging.requirements import Requirement


def needs(package: str) -> list[str]:
    lines = map(Requirement, requires(package) or [])
    return sorted(
        line.name.lower().replace("_", "-")
        for line in lines
        if not line.marker
        or line.marker.evaluate({"extra": ""})
    )


def installed_with(*packages: str) -> set[str]:
    found: set[str] = set()
    waiting = [*packages]
    while waiting:
        package = waiting.pop()
        if package not in found:
            found.add(package)
            waiting += needs(package)
    return found


def modules_of(packages: set[str]) -> set[str]:
    return {
        file.parts[0].removesuffix(".py")
        for package in packages
        for file in files(package) or []
    }
