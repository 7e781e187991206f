import { readFile } from 'node:fs/promises'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { it } from 'vitest'
import { pack, publishedPackages } from './packages'
it.each(['vit-icons'])('%s', async (name) => {
  const found = (await publishedPackages()).find((p) => p.name === `@pilotjs/${name}`)!
  const bytes = await readFile(await pack(found, '/tmp/lite0'))
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer }, strict: true })
  console.log(messages.map((m) => formatMessage(m, pkg ?? {})))
  const r = await checkPackage(createPackageFromTarballData(bytes))
  console.log(r.types ? r.problems.filter((p) => p.kind !== 'CJSResolvesToESM' && !('resolutionKind' in p && p.resolutionKind === 'node10')) : r)
}, 200000)
