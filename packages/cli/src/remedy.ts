import { PilotError } from '@pilotjs/core'
import { PilotConfigError } from '@pilotjs/core/pilot-config'
import { DataError, StreamOptionError } from '@pilotjs/data'
import type { AnyExperimentError } from '@pilotjs/experiment'
import { isExperimentError } from '@pilotjs/experiment'
import { command } from './terminal/command-line'
import type { Terminal } from './terminal/terminal'
import { UsageError } from './usage-error'

/** What to type, or to do, where something went wrong; undefined where the message is enough. */
export function remedyOf(error: unknown, terminal: Pick<Terminal, 'program'>): string | undefined {
  if (isExperimentError(error)) return remedies(error, terminal)
  if (error instanceof StreamOptionError) return streamRemedy(error)
  if (error instanceof PilotError && error.code === 'needs-transformer')
    return `name it with --backbone; ${command(terminal, 'list', 'backbones')} shows those that have a name`
  if (error instanceof PilotError && error.code === 'queue-refused' && error.facts.certificate === true)
    return 'name the file with the certificate of who vouches for it: --queue-ca FILE'
  if (error instanceof DataError) return dataRemedy(error)
  return undefined
}

/** What went wrong: without the library's own remedy where there is one to type. */
export const messageOf = (error: unknown, remedy: string | undefined): string => {
  if (error instanceof DataError && remedy !== undefined) return error.problem
  return error instanceof Error ? error.message : String(error)
}

/** Whether a command was typed wrong, rather than a run having gone wrong. */
export const isUsage = (error: unknown): boolean =>
  error instanceof UsageError ||
  error instanceof PilotConfigError ||
  error instanceof StreamOptionError ||
  (error instanceof DataError && error.facts.option !== undefined) ||
  (error instanceof PilotError && ['queue-address', 'state-address'].includes(error.code)) ||
  (isExperimentError(error) && typedWrong.has(error.code))

const typedWrong: ReadonlySet<AnyExperimentError['code']> = new Set([
  'unknown-package',
  'undeclared-package',
  'invalid-options',
  'invalid-config',
  'unknown-model-name',
  'unknown-dataset',
  'unknown-backbone',
  'invalid-sweep',
  'invalid-space',
  'too-many-runs',
  'stream-refused',
])

function remedies(error: AnyExperimentError, terminal: Pick<Terminal, 'program'>): string | undefined {
  const { code, facts } = error
  switch (code) {
    case 'unknown-package':
      return unknownPackage(facts)
    case 'broken-package':
      return undefined
    case 'invalid-options':
      return `${command(terminal, 'list', 'methods', facts.method)} shows its options`
    case 'unknown-dataset':
      return `${command(terminal, 'list', 'datasets')} shows those that have a name; --data also takes a folder`
    case 'unknown-backbone':
      return `${command(terminal, 'list', 'backbones')} shows those that have a name; --backbone also takes a file, its folder, or hf:owner/name`
    case 'stream-refused':
      return 'take --scenario class-incremental, or another method'
    case 'run-exists':
      return `continue it with ${command(terminal, 'resume', facts.folder)}, or choose another folder (--out)`
    case 'folder-not-empty':
    case 'folder-not-writable':
      return 'choose another folder (--out)'
    case 'nothing-finished':
      return `${command(terminal, 'resume', facts.folder)} goes on with it`
    case 'damaged-run':
      return facts.config === undefined
        ? 'put the file back from a copy'
        : `put the file back from a copy, or begin anew: ${command(terminal, 'run', facts.config, '--out', 'FOLDER')}`
    case 'state-format':
      return 'resume it with the version that began it, or begin anew'
    case 'data-changed':
      return `put the data back as they were, or start a new run: ${command(terminal, 'run', facts.config, '--out', 'FOLDER')}`
    case 'scores-not-numbers':
      return 'lower the learning rate and run again'
    case 'not-saved':
      return `then ${command(terminal, 'resume', facts.folder)} goes on from there`
    case 'backbone-changed':
      return `put those back, or start a new run: ${command(terminal, 'run', facts.config, '--out', 'FOLDER')}`
    case 'precision-changed':
      return `go on with a backbone at ${facts.began}, or start a new run: ${command(terminal, 'run', facts.config, '--precision', facts.now, '--out', 'FOLDER')}`
    default:
      return undefined
  }
}

function unknownPackage({ kind, name, nearest }: { kind: string; name: string; nearest?: string }): string | undefined {
  if (nearest !== undefined) return undefined
  if (/[\\/]/.test(name) && !name.startsWith('@')) return 'a config is a file that ends in .json'
  return kind === 'method' ? `to add one: npm install ${name.startsWith('@') ? name : `@pilotjs/${name}`}` : undefined
}

const flags: Readonly<Record<string, string>> = {
  baseClasses: '--init-cls',
  increment: '--increment',
  domains: '--domains',
  shots: '--shots',
  tasks: '--tasks',
  disjointShare: '--disjoint-share',
  blurryShare: '--blurry-share',
  batchSize: '--stream-batch',
  evaluateEvery: '--evaluate-every',
  ratio: '--long-tailed',
  testFraction: '--split',
}

function streamRemedy({ option }: StreamOptionError): string | undefined {
  if (option === 'scenario') return 'take --scenario class-incremental'
  if (['split', 'kind', 'orientation'].includes(option)) return `leave --${option} away`
  const flag = flags[option]
  return flag === undefined ? undefined : `choose another ${flag}`
}

function dataRemedy({ code, facts }: DataError): string | undefined {
  if (facts.option === 'kind') return 'say which: --kind classes or --kind domains'
  if (facts.option === 'split')
    return code === 'no-split' ? 'keep a part of each class to test with: --split 0.2' : 'leave --split away'
  return undefined
}
