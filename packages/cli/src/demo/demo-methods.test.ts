import { expect, it } from 'vitest'
import { demoMethods, demoOptions, namesOfDemo, shownMethods } from './demo-methods'

const installed = ['mine', ...Object.keys(demoMethods).reverse()]

it('shows some methods by itself, all when asked, and others by name', () => {
  expect(namesOfDemo(undefined, installed)).toEqual(shownMethods)
  expect(namesOfDemo(['all'], installed)).toEqual(Object.keys(demoMethods))
  expect(namesOfDemo(['mine', 'l2p'], installed)).toEqual(['mine', 'l2p'])
  expect(namesOfDemo(undefined, ['simplecil', 'mine'])).toEqual(['simplecil'])
})

it('has options for all of PILOT’s methods that those take', async () => {
  expect(Object.keys(demoMethods)).toHaveLength(20)
  for (const [name, options] of Object.entries(demoMethods)) {
    const { default: method } = (await import(`@pilotjs/${name}`)) as {
      default: (options: object) => { options: object }
    }
    expect(method(options).options, name).toMatchObject(options)
  }
})

it('shows a method of each family', async () => {
  const families = shownMethods.map(async (name) => {
    const { default: method } = (await import(`@pilotjs/${name}`)) as { default: { family: string } }
    return method.family
  })
  expect(new Set(await Promise.all(families))).toEqual(
    new Set(['baseline', 'prototype', 'prompt', 'adapter', 'merging', 'rehearsal', 'expansion']),
  )
})

it('remembers as many images as PILOT where there are all of them', () => {
  expect(demoOptions('icarl', { full: false })).toMatchObject({ memorySize: 200 })
  expect(demoOptions('icarl', { full: true })).toMatchObject({ memorySize: 2000 })
  expect(demoOptions('ease', { full: true })).toEqual(demoOptions('ease', { full: false }))
  expect(demoOptions('mine', { full: true })).toEqual({})
})
