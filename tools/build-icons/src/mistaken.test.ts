import { describe, expect, it } from 'vitest'
import { CLASSES } from './classes'
import { MISTAKEN } from './mistaken'

describe('mistaken drawings', () => {
  it('belong to classes that there are', () => {
    expect(Object.keys(MISTAKEN).filter((name) => !CLASSES[name])).toEqual([])
  })

  it('are named by set and icon, each once', () => {
    const icons = Object.entries(MISTAKEN).flatMap(([name, { icons }]) => icons.map((icon) => `${name} ${icon}`))
    expect(icons.filter((icon) => !/^\S+ [a-z0-9-]+:[a-z0-9-]+$/.test(icon))).toEqual([])
    expect(new Set(icons).size).toBe(icons.length)
  })
})
