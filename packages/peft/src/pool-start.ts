import type { Rng } from '@pilotjs/core/random'

/** What a pool's prompts or keys start as: uniform in [−1, 1), or zero. */
export type PoolStart = 'uniform' | 'zero'

/** `count` numbers of it. */
export const poolStart = (rng: Rng, kind: PoolStart = 'uniform', count: number): Float32Array =>
  kind === 'zero' ? new Float32Array(count) : rng.uniforms(count, -1, 1)
