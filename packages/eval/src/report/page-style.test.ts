import { expect, it } from 'vitest'
import { pageStyle } from './page-style'

it('keeps the colours that tell lines apart in print, where browsers leave backgrounds out', () => {
  expect(pageStyle).toMatch(/\.swatch \{[^}]*print-color-adjust: exact/)
})
