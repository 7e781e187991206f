import { describe, expect, it } from 'vitest'
import { parsePreprocessing, preprocessingDifferences, preprocessingPresets, preprocessingText } from './preprocessing'

describe('parsePreprocessing', () => {
  it('reads presets, numbers, and a preset with what departs from it', () => {
    expect(parsePreprocessing('imagenet')).toEqual(preprocessingPresets.imagenet)
    expect(parsePreprocessing('mean=0.1, 0.2,0.3; std=0.5')).toEqual({ mean: [0.1, 0.2, 0.3], std: [0.5, 0.5, 0.5] })
    expect(parsePreprocessing('clip;crop=0.9;interpolation=bilinear')).toEqual({
      ...preprocessingPresets.clip,
      cropFraction: 0.9,
      interpolation: 'bilinear',
    })
  })

  it('reads back what is written', () => {
    for (const recipe of Object.values(preprocessingPresets))
      expect(parsePreprocessing(preprocessingText(recipe))).toEqual(recipe)
  })

  it.each([
    ['imagnet', /"imagnet" is no preset; did you mean "imagenet"\?/],
    ['mean=1,2', /mean must be a number .* up to 1, got "2"/],
    ['mean=0.1,0.2', /mean needs one number or three/],
    ['std=0', /std must be a number above 0/],
    ['crop=0', /crop must be a number above 0/],
    ['crop=', /crop must be a number/],
    ['interpolation=nearest', /must be bilinear or bicubic, got "nearest"/],
    ['size=3', /"size" is none of mean, std, interpolation, crop/],
  ])('refuses %s', (text, reason) => {
    expect(() => parsePreprocessing(text)).toThrow(reason)
  })
})

describe('preprocessingDifferences', () => {
  it('names what differs, and sees through digits that were left out', () => {
    const { augreg, deit, clip } = preprocessingPresets
    expect(preprocessingDifferences(augreg, deit)).toEqual([
      { field: 'mean', own: augreg.mean, used: deit.mean },
      { field: 'std', own: augreg.std, used: deit.std },
    ])
    expect(preprocessingDifferences(clip, { ...clip, mean: [0.481455, 0.457828, 0.408211] })).toEqual([])
  })
})
