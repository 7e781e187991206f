/** The oldest Node that this command runs on, as its package.json says. */
const WANTED = [20, 19] as const

/** Ends the process with one line where Node is too old. @param version such as `18.20.4` */
export function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > WANTED[0] || (major === WANTED[0] && minor >= WANTED[1])) return
  process.stderr.write(`pilot needs Node ${WANTED.join('.')} or newer; this is ${version}. Get one from nodejs.org.\n`)
  process.exit(1)
}
