const FULL = 'free some space'
const ELSEWHERE = 'choose another folder'

const reasons: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  ENOSPC: ['the disk is full', FULL],
  EDQUOT: ['the disk quota is used up', FULL],
  EACCES: ['permission denied', ELSEWHERE],
  EPERM: ['permission denied', ELSEWHERE],
  EROFS: ['the file system is read-only', ELSEWHERE],
  EEXIST: ['a part of the path is a file, not a folder', ELSEWHERE],
  ENOTDIR: ['a part of the path is a file, not a folder', ELSEWHERE],
  ENOENT: ['no folder can be made there', ELSEWHERE],
  EISDIR: ['there is a folder of that name', ELSEWHERE],
  EMFILE: ['too many files are open', 'raise the limit (ulimit -n)'],
  EIO: ['the disk reports an input/output error', 'check it before going on'],
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : undefined)

/**
 * Why the file system refused, in words, with the remedy; undefined for what is no such refusal. Looks at an error's cause as
 * well.
 * @param option what a user names another folder with, e.g. `--out`
 */
export function refusalOf(error: unknown, option?: string): string | undefined {
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined)
  const found = code === undefined ? undefined : reasons[code]
  if (!found) return undefined
  const [reason, remedy] = found
  return `${reason}: ${remedy}${remedy === ELSEWHERE && option ? ` (${option})` : ''}`
}

/** Whether a write failed for want of space. */
export function isFullDisk(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}
