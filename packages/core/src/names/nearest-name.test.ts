import { describe, expect, it } from 'vitest'
import { nearestName } from './nearest-name'

describe('nearestName', () => {
  it('sees through typing errors, case and dashes, and stays silent about the rest', () => {
    const names = ['simplecil', 'finetune', 'l2p', 'coda_prompt']
    expect(nearestName('simplcil', names)).toBe('simplecil')
    expect(nearestName('Coda-Prompt', names)).toBe('coda_prompt')
    expect(nearestName('fine', names)).toBe('finetune')
    expect(nearestName('resnet', names)).toBeUndefined()
  })
})
