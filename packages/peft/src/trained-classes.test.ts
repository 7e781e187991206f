import { arrayImages } from '@pilotjs/core/images'
import { expect, it } from 'vitest'
import { trainedClasses } from './trained-classes'

it('knows the classes that trained a network, restored or not', () => {
  const trained = trainedClasses()
  trained.requireOutside(0)
  const train = arrayImages({ values: new Float32Array(6), labels: [0, 1], size: [1, 1] })
  trained.note({ index: 0, classes: [0, 1], classesBefore: 0, classesAfter: 2, train })
  const restored = trainedClasses()
  restored.restore({}, trained.json!())
  for (const each of [trained, restored]) {
    each.requireOutside(2, 3)
    expect(() => each.requireOutside(3, 1)).toThrow('class 1 came with the first task, which adapted the network')
  }
})
