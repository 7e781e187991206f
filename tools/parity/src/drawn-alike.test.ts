import { createRng } from '@pilotjs/core/random'
import { describe, expect, it } from 'vitest'
import { drawnOtherwise } from './drawn-alike'

const rng = createRng(7)
const uniforms = (bound: number, label: string, from = -bound) => rng.fork(label).uniforms(512, from, bound)

describe('drawnOtherwise', () => {
  it('takes other numbers from the same distribution for alike', () => {
    expect(drawnOtherwise(uniforms(0.3, 'ours'), uniforms(0.3, 'theirs'))).toBeUndefined()
  })

  it('tells torch’s default from Kaiming’s, zeros from a draw, and one side of zero from both', () => {
    const [kaiming, torch] = [uniforms(Math.sqrt(3), 'kaiming'), uniforms(1, 'torch')]
    expect(drawnOtherwise(kaiming, torch)).toMatch(
      /^512 numbers begin with .* square (0\.9|1\.0).*; PILOT's .* square 0\.5/,
    )
    expect(drawnOtherwise(new Float32Array(512), torch)).toMatch(/square 0\.00/)
    expect(drawnOtherwise(torch, new Float32Array(512))).toMatch(/PILOT's with mean 0\.00/)
    expect(drawnOtherwise(uniforms(1, 'positive', 0), torch)).toMatch(/begin with mean 0\.[45]/)
  })

  it('leaves out what both sides have alike: rows of earlier tasks', () => {
    const known = uniforms(100, 'known')
    expect(drawnOtherwise([...known, ...uniforms(1, 'a')], [...known, ...uniforms(3, 'b')])).toMatch(/^512 numbers/)
    expect(drawnOtherwise(known, known)).toBeUndefined()
  })
})
