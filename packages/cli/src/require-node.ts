/** The oldest Node that this command runs on, as its package.json says. */
const WANTED = [20, 19] as const

/** A line where Node is too old for this command; undefined where it is not. @param version such as `18.20.4` */
export function nodeTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > WANTED[0] || (major === WANTED[0] && minor >= WANTED[1])) return undefined
  return `pilot needs Node ${WANTED.join('.')} or newer; this is ${version}. Get one from nodejs.org.`
}
