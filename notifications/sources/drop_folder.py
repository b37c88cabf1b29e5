"""Open the folder that an agency drops files into, which another account may have tampered with."""

import errno
import os
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from notifications.sources.contract import SourceRefused, SourceUnavailable

UNFINISHED = (".tmp", ".part", ".filepart")  # names that upload programs give to unfinished files
_GONE = (errno.ENOENT, errno.ELOOP, errno.ENXIO)


@dataclass(frozen=True, slots=True)
class Version:
    """The metadata that distinguishes versions of a file without reading it."""

    inode: int
    size: int
    changed_ns: int
    touched_ns: int = field(compare=False)  # also by new permissions or another name; no program can set it back

    @classmethod
    def of(cls, stream: BinaryIO) -> "Version":
        found = os.fstat(stream.fileno())
        return cls(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


class DropFolder:
    """Open the folder. `folder`: relative to `root`, and inside it."""

    def __init__(self, root: Path, folder: str, pattern: str, max_files: int) -> None:
        self._root = root
        self._folder = folder
        self._pattern, self._max_files = pattern, max_files

    def names(self) -> list[str]:
        """Return finished files in the order of their names. Raises SourceRefused, SourceUnavailable."""
        try:
            with os.scandir(self._path()) as entries:
                names = [entry.name for entry in entries if self._wanted(entry)]
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            raise SourceRefused("no_folder", "the folder is not there or may not be read") from None
        except OSError as error:
            raise SourceUnavailable("folder", os.strerror(error.errno or 0)) from None
        if len(names) > self._max_files:
            raise SourceRefused("too_many_files", f"more than {self._max_files}: move old ones away")
        return sorted(names)

    def open(self, name: str) -> BinaryIO:
        """Return a regular file inside the folder, following no link. Raises SourceRefused, SourceUnavailable."""
        folder = self._path()
        path = (folder / name).resolve()
        if path.parent != folder:
            raise SourceRefused("symlink", "it leads out of the folder")
        try:
            # Non-blocking: opening a named pipe would wait for its writer without end.
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except PermissionError:
            raise SourceRefused("unreadable_file", "we may not read it") from None
        except OSError as error:
            code = "file_gone" if error.errno in _GONE else "folder"
            raise SourceUnavailable(code, os.strerror(error.errno or 0)) from None
        stream = os.fdopen(number, "rb", buffering=1 << 18)
        if not stat.S_ISREG(os.fstat(number).st_mode):
            stream.close()
            raise SourceRefused("wrong_file_type", "it is no regular file")
        return stream

    def _path(self) -> Path:
        root = self._root.resolve()
        path = (root / self._folder).resolve()
        if not path.is_relative_to(root):
            raise SourceRefused("bad_folder", "it lies outside the folder for dropped files")
        return path

    def _wanted(self, entry: "os.DirEntry[str]") -> bool:
        name = entry.name
        if name.startswith(".") or name.lower().endswith(UNFINISHED) or entry.is_dir(follow_symlinks=False):
            return False
        return fnmatchcase(name, self._pattern)
