import { arrayImages } from '@pilotjs/core/images'
import { expect, it } from 'vitest'
import { trainedClasses } from './trained-classes'

it('knows the classes that trained a network, restored or not', () => {
  const trained = trainedClasses()
  expect(trained.outside((label) => label)(0)).toBe(0)
  const train = arrayImages({ values: new Float32Array(6), labels: [0, 1], size: [1, 1] })
  trained.note({ index: 0, classes: [0, 1], classesBefore: 0, classesAfter: 2, train })
  const restored = trainedClasses()
  restored.restore({}, trained.json!())
  for (const each of [trained, restored]) {
    const change = each.outside((...labels) => labels)
    expect(change(2, 3)).toEqual([2, 3])
    expect(() => change(3, 1)).toThrow('class 1 came with the first task, which adapted the network')
  }
})
