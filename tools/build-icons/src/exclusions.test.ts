import { describe, expect, it } from 'vitest'
import { CLASSES } from './classes'
import { isNearStreamClass } from './exclusions'

describe('the 100 classes', () => {
  it('are 100, in alphabetical order, and no concept is in two of them', () => {
    const names = Object.keys(CLASSES)
    expect(names).toHaveLength(100)
    expect(names).toEqual([...names].sort())
    const concepts = Object.values(CLASSES).flat()
    expect(new Set(concepts).size).toBe(concepts.length)
  })
})

describe('isNearStreamClass', () => {
  it('keeps the classes and their kin out of pre-training', () => {
    for (const concept of [
      'camera',
      'camera-off',
      'video-camera',
      'calendar-plus',
      'folderopen',
      'keys',
      'user-heart',
    ]) {
      expect(isNearStreamClass(concept)).toBe(true)
    }
  })

  it('keeps out what is drawn like a class under another name', () => {
    for (const concept of ['notification', 'launch', 'instagram', 'padlock'])
      expect(isNearStreamClass(concept)).toBe(true)
  })

  it('leaves everything else in, also names that contain a class by chance', () => {
    for (const concept of ['arrow-left', 'card-index', 'carpet', 'monkey', 'butterfly', 'candle']) {
      expect(isNearStreamClass(concept)).toBe(false)
    }
  })
})
