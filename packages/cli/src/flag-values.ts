import { precisions } from '@pilotjs/core/backbones'
import { nearestName } from '@pilotjs/core/names'
import type { Argument } from 'commander'
import { InvalidArgumentError, Option } from 'commander'

/** What flags take, read and checked as they are typed. */

/** Of ONNX Runtime's providers those that are common; any goes by `onnx:PROVIDER`. */
const engines = ['auto', 'onnx', 'onnx:webgpu', 'onnx:cuda', 'tfjs-node-gpu', 'tfjs-node', 'cpu']

export const engine = () =>
  oneOf(new Option('--engine <name>', 'what computes'), engines).argParser((text) =>
    /^onnx:.+$/.test(text) ? text : oneWord(text, engines),
  )

export const precision = () =>
  oneOf(
    new Option('--precision <what>', "the backbone's numbers: fp32, fp16, or int8 for features (default: fp32)"),
    precisions,
  )

/** Takes one of a few words, and suggests the nearest where another was typed. */
export function oneOf<T extends Argument | Option>(word: T, choices: readonly string[]): T {
  word.choices(choices)
  word.argParser((text) => oneWord(text, choices))
  return word
}

/** Takes some of a few words, with commas between. */
export function someOf(word: Option, choices: readonly string[]): Option {
  return word.argParser((text) => names(text).map((each) => oneWord(each, choices)))
}

/** One of a few words. @throws InvalidArgumentError suggesting the nearest */
export function oneWord<Word extends string>(text: string, choices: readonly Word[]): Word {
  const found = choices.find((each) => each === text)
  if (found !== undefined) return found
  const near = nearestName(text, choices)
  throw new InvalidArgumentError(
    `${near === undefined ? '' : `Did you mean "${near}"? `}Allowed choices are ${choices.join(', ')}.`,
  )
}

export const names = (text: string) => text.split(',').map((name) => name.trim())

export function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

export function positive(text: string): number {
  const number = count(text)
  if (number === 0) throw new InvalidArgumentError('It must be at least 1.')
  return number
}

export const counts = (text: string) => names(text).map(count)
export const positives = (text: string) => names(text).map(positive)

/** Between 0 and 1, neither included. */
export function fraction(text: string): number {
  const number = Number(text)
  if (!(number > 0 && number < 1)) throw new InvalidArgumentError('It must be a number between 0 and 1, such as 0.2.')
  return number
}

/** Between 0 and 1, both included. */
export function share(text: string): number {
  const number = text.trim() === '' ? NaN : Number(text)
  if (!(number >= 0 && number <= 1)) throw new InvalidArgumentError('It must be a number from 0 to 1, such as 0.5.')
  return number
}

/** numpy's generator, which class orders come from, takes no larger seed. */
const LARGEST_SEED = 2 ** 32 - 1

export function seeds(text: string): number[] {
  return text.split(',').map((seed) => {
    const number = count(seed.trim())
    if (number > LARGEST_SEED) throw new InvalidArgumentError(`A seed is at most ${LARGEST_SEED}.`)
    return number
  })
}

/** For flags that may be given again and again. */
export const gathered = (text: string, all: string[] = []) => [...all, text]

/** `--track`, of commands that learn. */
export const tracking = () =>
  new Option(
    '--track <tracker>',
    'tell it while the run goes on: tensorboard, mlflow=URL; may be given again',
  ).argParser(gathered)

export const scenarios = [
  'class-incremental',
  'task-incremental',
  'domain-incremental',
  'few-shot',
  'generalised',
  'online',
] as const
