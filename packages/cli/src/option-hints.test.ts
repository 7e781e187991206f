import { expect, it } from 'vitest'
import { hintsOnOptions as hintsFor } from './option-hints'
import { ownFlags } from './run-options'

const hintsOnOptions = (args: readonly string[]) => hintsFor(args, ownFlags())

it('says how options of methods are set', () => {
  expect(hintsOnOptions(['run', 'l2p', '--epochs', '3', '--seed', '1'])).toEqual([
    'an option of the method is set by --set: --set epochs=3',
  ])
  expect(hintsOnOptions(['run', 'l2p', '--pool-size=4', '--use-mask'])).toEqual([
    'an option of the method is set by --set: --set poolSize=4',
    'an option of the method is set by --set: --set useMask=true',
  ])
  expect(hintsOnOptions(['demo', '--epochs', '3'])).toEqual([])
})
