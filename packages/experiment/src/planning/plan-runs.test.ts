import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { FoundPackage } from '../registry/find-packages'
import type { Registry } from '../registry/registry'
import { planRuns } from './plan-runs'
import type { Settings } from './settings'

let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'pilot-plan-'))
  await mkdir(join(cwd, 'photos'))
})
afterAll(() => rm(cwd, { recursive: true }))

const found = (kind: 'method' | 'backbone' | 'dataset', name: string): FoundPackage => ({
  kind,
  name,
  package: `@pilotjs/${name}`,
  version: '1.0.0',
  folder: '',
  bundled: true,
})

/** A registry with one method, by default one that has no options, and these backbones. */
function registryWith(backbones: readonly string[], own: object = { options: z.strictObject({}) }): Registry {
  const method = { name: 'mine', ...own }
  const all = [
    found('method', 'mine'),
    found('dataset', 'icons-100'),
    ...backbones.map((name) => found('backbone', name)),
  ]
  return {
    list: (kind) => Promise.resolve(all.filter((each) => each.kind === kind)),
    shadowed: () => Promise.resolve([]),
    load: () => Promise.resolve({ ...found('method', 'mine'), value: method }) as never,
    open: () => Promise.reject(new Error('nothing is opened to make a plan')),
  }
}

describe('the backbone where none is named', () => {
  const backboneFor = async (data: string | undefined, ...backbones: readonly string[]) => {
    const registry = registryWith(['vit-icons', ...backbones])
    const { configs } = await planRuns('mine', { data }, { cwd, registry })
    return configs[0]!.backbone
  }

  it('is the one for photographs for a folder of images, where it is installed', async () => {
    expect(await backboneFor('photos', 'efficientnet-lite0')).toBe('efficientnet-lite0')
    expect(await backboneFor('photos')).toBe('vit_base_patch16_224.augreg_in21k')
  })

  it("is the embedded data set's own, and PILOT's for data sets of the literature", async () => {
    expect(await backboneFor(undefined, 'efficientnet-lite0')).toBe('vit-icons')
    expect(await backboneFor('cifar224', 'efficientnet-lite0')).toBe('vit_base_patch16_224.augreg_in21k')
  })
})

describe('the number of images that are scored together', () => {
  const options = z.object({ compat: z.enum(['paper', 'pilot']).default('paper'), batchSize: z.int().default(24) })
  const sizeFor = async (settings: Settings, pilot: object = { scoresByBatch: true }) => {
    const { configs } = await planRuns('mine', settings, {
      cwd,
      registry: registryWith(['vit-icons'], { options, pilot }),
    })
    return configs[0]!.scoreBatchSize
  }

  it('is a training batch where PILOT’s predictions depend on it and the run does as PILOT does', async () => {
    expect(await sizeFor({ compat: 'pilot' })).toBe(24)
    expect(await sizeFor({ options: { compat: 'pilot', batchSize: 7 } })).toBe(7)
    expect(await sizeFor({ compat: 'pilot', scoreBatchSize: 3 })).toBe(3)
  })

  it('is left to the memory everywhere else', async () => {
    expect(await sizeFor({})).toBeUndefined()
    expect(await sizeFor({ compat: 'pilot' }, {})).toBeUndefined()
  })
})
