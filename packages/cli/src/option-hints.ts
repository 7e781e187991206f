/**
 * Options of methods that were typed as flags of the command: `--epochs 3` is `--set epochs=3`. A line each.
 * @param args what was typed
 */
export function hintsOnOptions(args: readonly string[]): string[] {
  if (args[0] !== 'run') return []
  return args.flatMap((arg, index) => {
    const [, flag, written] = /^--([a-z][\w-]*)(?:=(.*))?$/is.exec(arg) ?? []
    if (flag === undefined || ownFlags.has(flag)) return []
    const name = flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    const next = args[index + 1]
    const value = written ?? (next === undefined || next.startsWith('-') ? 'true' : next)
    return [`an option of the method is set by --set: --set ${name}=${value}`]
  })
}

/** The command's own, which need no hint. */
const ownFlags = new Set([
  ...['data', 'data-root', 'train-per-class', 'test-per-class', 'test-fraction', 'check', 'backbone', 'preprocessing'],
  ...[
    'compat',
    'scenario',
    'init-cls',
    'increment',
    'no-shuffle',
    'seed',
    'set',
    'engine',
    'score-batch-size',
    'out',
    'help',
  ],
])
