import { createColors } from 'picocolors'
import { expect, it } from 'vitest'
import { harmless, oneLine } from './harmless'

const c = createColors(true)

it('lets colours through, and shows every other control character', () => {
  expect(harmless(c.red('a\nb'))).toBe(c.red('a\nb'))
  expect(harmless('a\u001b[2J\u001b]0;title\u0007b\rc\u009b1m')).toBe(
    'a\\u001b[2J\\u001b]0;title\\u0007b\\u000dc\\u009b1m',
  )
  expect(harmless('photo\u202egpj.exe')).toBe('photo\\u202egpj.exe')
  expect(harmless('größe 猫 🐈')).toBe('größe 猫 🐈')
})

it('keeps a name in its line', () => {
  expect(oneLine('cat\nerror: gone\u001b[31m')).toBe('cat\\u000aerror: gone\\u001b[31m')
})
