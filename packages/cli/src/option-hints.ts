/**
 * Options of methods that were typed as flags of the command: `--epochs 3` is `--set epochs=3`. A line each.
 * @param args what was typed
 * @param own the command's own flags, which need no hint
 */
export function hintsOnOptions(args: readonly string[], own: ReadonlySet<string>): string[] {
  if (args[0] !== 'run') return []
  return args.flatMap((arg, index) => {
    const [, flag, written] = /^--([a-z][\w-]*)(?:=(.*))?$/is.exec(arg) ?? []
    if (flag === undefined || own.has(flag)) return []
    const name = flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    const next = args[index + 1]
    const value = written ?? (next === undefined || next.startsWith('-') ? 'true' : next)
    return [`an option of the method is set by --set: --set ${name}=${value}`]
  })
}
