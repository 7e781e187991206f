import { describe, expect, it } from 'vitest'
import { BufferPool } from './buffer-pool'

describe('BufferPool', () => {
  it('hands a released buffer to the next tensor of the same size', () => {
    const pool = new BufferPool(1000)
    const buffer = pool.take(64)
    pool.give(buffer)
    expect(pool.bytes).toBe(64)
    expect(pool.take(32)).not.toBe(buffer)
    expect(pool.take(64)).toBe(buffer)
    expect(pool.bytes).toBe(0)
  })

  it('keeps no more than its limit and drops the size that was released longest ago', () => {
    const pool = new BufferPool(100)
    const [small, large] = [pool.take(40), pool.take(80)]
    pool.give(small)
    pool.give(large)
    expect(pool.bytes).toBe(80)
    expect(pool.take(40)).not.toBe(small)
    expect(pool.take(80)).toBe(large)
    pool.give(new ArrayBuffer(200))
    expect(pool.bytes).toBe(0)
  })
})
