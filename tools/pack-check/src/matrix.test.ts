import { expect, it } from 'vitest'
import { tableOf } from './matrix'

it('outcomes are a table: what down, where across, nothing where it was not tried', () => {
  const outcomes = [
    { what: 'import', where: '20.19.0' },
    { what: 'import', where: '22.12.0', problem: 'broken' },
    { what: 'types', where: '22.12.0' },
  ]
  expect(tableOf(outcomes)).toBe(
    '|  | 20.19.0 | 22.12.0 |\n| --- | --- | --- |\n| import | yes | no |\n| types |  | yes |',
  )
})
