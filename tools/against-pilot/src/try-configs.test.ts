import { expect, it } from 'vitest'
import { notesIn, reasonIn } from './try-configs'

const output = `prefix is ignored: it names a log
T is ignored: DER does not distil
class-incremental · toy · vit-icons
error: this PILOT config cannot be followed:
  M is not a key that mos has
  oofc is not understood
`

it('tells notes from the reason why a config is refused', () => {
  expect(notesIn(output)).toEqual(['prefix is ignored: it names a log', 'T is ignored: DER does not distil'])
  expect(reasonIn(output)).toBe(
    'error: this PILOT config cannot be followed: M is not a key that mos has oofc is not understood',
  )
})
