import { expect, it } from 'vitest'
import { triedTable } from './markdown'
import { ignoredIn, reasonIn } from './try-configs'

const output = `prefix is ignored: it names a log
T, M are ignored: DER does not distil
class-incremental · toy · vit-icons
error: this PILOT config cannot be followed:
  M is not a key that mos has
  oofc is not understood
`

it('tells notes from the reason why a config is refused', () => {
  expect(ignoredIn(output)).toEqual([
    { keys: ['prefix'], reason: 'it names a log' },
    { keys: ['T', 'M'], reason: 'DER does not distil' },
  ])
  expect(reasonIn(output)).toBe(
    'error: this PILOT config cannot be followed: M is not a key that mos has oofc is not understood',
  )
})

it('lists once what every config has and nobody needs, and beside a config what it alone has', () => {
  const prefix = { keys: ['prefix'], reason: 'it names a log' }
  const table = triedTable([
    { file: 'der.json', last: 50, ignored: [prefix, { keys: ['T'], reason: 'DER does not distil' }] },
    { file: 'mos.json', refused: 'error: no', ignored: [prefix] },
  ])
  expect(table).toContain('1 of 2 work.')
  expect(table).toMatch(/der\.json +\| +50\.0 +\| works +\| T +\|/)
  expect(table).toMatch(/mos\.json +\| +– +\| error: no +\| +\|/)
  expect(table).toContain('- T: DER does not distil')
  expect(table).toContain('In every config: prefix (it names a log).')
})
