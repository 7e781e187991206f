import { expect, it } from 'vitest'
import { dependencyClosure } from './dependency-closure'

const heavy = ['@huggingface/hub', '@tensorflow/tfjs-layers', 'env-paths', 'undici', 'echarts', 'sharp', 'tar']

it('core and a method bring no Hub client, no layers, no charts and no image decoder', () => {
  const closure = dependencyClosure(['@pilotjs/core', '@pilotjs/simplecil'])
  expect([...closure]).toEqual(expect.arrayContaining(['@tensorflow/tfjs-core', 'zod']))
  expect(heavy.filter((name) => closure.has(name))).toEqual([])
})

it('sees what lies deep: the Hub client comes with the hub', () => {
  const closure = dependencyClosure(['@pilotjs/hub'])
  expect(closure).toContain('@huggingface/hub')
  expect(closure).toContain('undici')
})
