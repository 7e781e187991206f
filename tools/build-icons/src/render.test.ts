import { DOMAINS, IMAGE_BYTES } from '@pilotjs/icons-100'
import { describe, expect, it } from 'vitest'
import { cosine, NearDuplicates } from './near-duplicates'
import { render } from './render'
import type { Drawing } from './render'
import { distinct } from './select'

const svg = (body: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 24 24" color="#000">${body}</svg>`
const draw = async (...bodies: string[]) => {
  const drawings = await render(bodies.map((body, i) => ({ set: `set-${i % 2}`, name: `icon-${i}`, svg: svg(body) })))
  return drawings as Drawing[]
}

const circle = (style: string, r = 8) => `<circle cx="12" cy="12" r="${r}" ${style}/>`
const LINE = 'fill="none" stroke="currentColor" stroke-width="2"'

describe('render', () => {
  it('tells outlined, filled, duotone and coloured drawings apart', async () => {
    const drawings = await draw(
      circle(LINE),
      circle('fill="currentColor"'),
      circle('fill="currentColor" fill-opacity=".3" stroke="currentColor" stroke-width="2"'),
      circle('fill="#e33"'),
    )
    expect(drawings.map(({ domain }) => DOMAINS[domain])).toEqual(['outline', 'filled', 'duotone', 'colour'])
  })

  it('draws black on white, and the same bytes every time', async () => {
    const [one] = await draw(circle('fill="currentColor"'))
    const [again] = await draw(circle('fill="currentColor"'))
    expect(one!.image).toHaveLength(IMAGE_BYTES)
    expect([...one!.image.subarray(0, 3)]).toEqual([255, 255, 255])
    const middle = (16 * 32 + 16) * 3
    expect([...one!.image.subarray(middle, middle + 3)]).toEqual([0, 0, 0])
    expect(again!.image).toEqual(one!.image)
  })

  it('gives nothing for a drawing that does not show', async () => {
    expect(await draw('', circle('fill="#fff"'))).toEqual([undefined, undefined])
  })
})

describe('near-duplicates', () => {
  it('are found whatever their contrast, and others are not', async () => {
    const [black, grey, larger, ring] = await draw(
      circle('fill="#000"'),
      circle('fill="#777"'),
      circle('fill="#000"', 10),
      circle(LINE),
    )
    const known = new NearDuplicates()
    expect(known.add(black!.shape)).toBe(true)
    expect(cosine(black!.shape, grey!.shape)).toBeGreaterThan(0.99)
    expect(known.add(grey!.shape)).toBe(false)
    expect(known.has(larger!.shape)).toBe(false)
    expect(known.has(ring!.shape)).toBe(false)
  })

  it('leave one of each, and no more than asked for of one set', async () => {
    const radii = [2, 4, 4, 6, 8, 10]
    const drawings = await draw(...radii.map((r) => circle('fill="#000"', r)))
    const kept = distinct(drawings, { perSet: 2, sameInSet: 0.95 })
    // set-0 draws radii 2, 4 and 8, of which set-1 has drawn 4 before; set-1 draws 4, 6 and 10, one too many
    expect(kept.map(({ icon }) => icon.name)).toEqual(['icon-0', 'icon-1', 'icon-3', 'icon-4'])
  })
})
