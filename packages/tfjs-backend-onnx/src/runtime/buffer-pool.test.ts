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

  it('gives the room of sizes that nobody asks for any more to others', () => {
    const pool = new BufferPool(2 ** 30)
    const once = (byteLength: number) => pool.give(pool.take(byteLength))
    const loop = () => [8, 16, 24].forEach(once)
    // Classes that grow with every task, and a loop beside them.
    for (let task = 0; task < 200; task++) {
      loop()
      once(1000 + task)
      loop()
    }
    expect(pool.bytes).toBeLessThan(4 * 1200)
    const bytes = pool.bytes
    for (let i = 0; i < 100; i++) loop()
    expect(pool.bytes).toBe(bytes)
    // What is smaller takes no more than its own room; empty shelves are no reason to stop.
    for (let i = 0; i < 100; i++) once(2000 + i)
    expect(pool.bytes).toBeLessThan(2 * 16 * 2100)
  })
})
