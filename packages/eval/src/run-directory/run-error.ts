/** A run that cannot be started, saved or read: the message names the file and what to do. */
export class RunError extends Error {
  override readonly name = 'RunError'
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  EACCES: 'permission denied: choose a folder you may write to (--out)',
  EPERM: 'permission denied: choose a folder you may write to (--out)',
  ENOENT: 'no folder can be made there: choose another one (--out)',
  EEXIST: 'a part of the path is a file, not a folder: choose another one (--out)',
  EROFS: 'the file system is read-only: choose another folder (--out)',
  EISDIR: 'there is a folder of that name: choose another one (--out)',
  ENOTDIR: 'a part of the path is a file, not a folder: choose another one (--out)',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  EIO: 'the disk reports an input/output error: check it before going on',
}

/** Why the file system refused, in words, with the remedy. */
export function fileReason(error: unknown): string {
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined)
  return (code && REASONS[code]) ?? (error instanceof Error ? error.message : String(error))
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : undefined)
