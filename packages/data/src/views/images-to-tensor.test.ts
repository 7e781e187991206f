import { ready } from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { pattern } from '../__fixtures__/pattern'
import { plain, toy } from '../__fixtures__/toy'
import { centerCrop } from '../transforms/crop'
import { resize } from '../transforms/resize'
import { imagesToTensor } from './images-to-tensor'
import { labeledImages } from './labeled-images'

const transforms = { ...plain, eval: [resize({ size: 8, interpolation: 'bicubic' as const }), centerCrop({ size: 6 })] }

beforeAll(() => ready())

describe('imagesToTensor', () => {
  it("prepares loose images as view 'eval' prepares a dataset's", async () => {
    const { train } = toy({ size: 10 })
    const images = await Promise.all([train.read(3), train.read(1)])
    const tensor = imagesToTensor(images, transforms)
    expect(tensor.shape).toEqual([2, 6, 6, 3])
    for await (const batch of labeledImages(train, [3, 1], [0, 0], { transforms }).batches({ size: 2, view: 'eval' })) {
      expect(await batch.images.data()).toEqual(await tensor.data())
      batch.dispose()
    }
    tensor.dispose()
  })

  it('refuses images that come out in different sizes, and none', () => {
    expect(() => imagesToTensor([pattern(4, 4), pattern(4, 5)], plain)).toThrow(
      'image 1 comes out as 4x5, the first as 4x4',
    )
    expect(() => imagesToTensor([], plain)).toThrow('at least one image')
  })
})
