import { describe, expect, it } from 'vitest'
import { nearestName } from './nearest-name'

describe('nearestName', () => {
  it('sees through typing errors, case and dashes, and stays silent about the rest', () => {
    const names = ['simplecil', 'finetune', 'l2p', 'coda_prompt']
    expect(nearestName('simplcil', names)).toBe('simplecil')
    expect(nearestName('Coda-Prompt', names)).toBe('coda_prompt')
    expect(nearestName('fine', names)).toBe('finetune')
    expect(nearestName('resnet', names)).toBeUndefined()
    expect(nearestName('', names)).toBeUndefined()
  })

  it('takes no other word for a slip where words are short', () => {
    expect(nearestName('dgr', ['der', 'ease'])).toBeUndefined()
    expect(nearestName('gpu', ['cpu', 'tfjs-node-gpu'])).toBe('tfjs-node-gpu')
    expect(nearestName('onx', ['onnx', 'cpu'])).toBe('onnx')
    expect(nearestName('CPU', ['onnx', 'cpu'])).toBe('cpu')
  })

  it('takes the shortest name that begins so', () => {
    const names = ['vit_base_patch16_224.augreg2', 'vit_base_patch16', 'vit-icons']
    expect(nearestName('vit_base', names)).toBe('vit_base_patch16')
  })
})
