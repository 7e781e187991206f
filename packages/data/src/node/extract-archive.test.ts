import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { create, Header } from 'tar'
import { describe, expect, it } from 'vitest'
import { put, scratch } from '../__fixtures__/scratch'
import { extractArchive } from './extract-archive'

/** An archive as only an attacker makes it: entries with these paths, links and types. */
function forged(...entries: { path: string; type?: 'File' | 'SymbolicLink' | 'Link'; linkpath?: string }[]): Buffer {
  const blocks = entries.map(({ path, type = 'File', linkpath }) => {
    const header = new Header({
      path,
      type,
      linkpath,
      size: type === 'File' ? 4 : 0,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: new Date(0),
    })
    header.encode()
    const body = Buffer.alloc(512)
    body.write('evil')
    return type === 'File' ? Buffer.concat([header.block!, body]) : header.block!
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

async function archived(folder: string, ...files: string[]): Promise<string> {
  for (const file of files) put(join(folder, 'source', file), `content of ${file}`)
  const archive = join(folder, 'data.tar.gz')
  await create({ file: archive, cwd: join(folder, 'source'), gzip: true }, readdirSync(join(folder, 'source')))
  return archive
}

describe('extractArchive', () => {
  it("makes the archive's only folder the one asked for", async () => {
    const folder = scratch()
    await extractArchive(await archived(folder, 'inner/a.txt', 'inner/deep/b.txt'), join(folder, 'cache', 'wanted'))
    expect(readFileSync(join(folder, 'cache/wanted/deep/b.txt'), 'utf8')).toBe('content of inner/deep/b.txt')
    expect(readdirSync(join(folder, 'cache'))).toEqual(['wanted'])
  })

  it.each([
    [[{ path: '../outside.txt' }]],
    [[{ path: 'inner/../../outside.txt' }]],
    [[{ path: '/tmp/outside.txt' }]],
    [[{ path: 'C:\\outside.txt' }]],
    [[{ path: 'inner\\..\\..\\outside.txt' }]],
    [[{ path: 'inner/link', type: 'SymbolicLink' as const, linkpath: '/etc' }, { path: 'inner/link/outside.txt' }]],
    [[{ path: 'inner/hard', type: 'Link' as const, linkpath: '../../secret' }]],
  ])('refuses %j and writes nothing', async (entries) => {
    const folder = scratch()
    const archive = put(join(folder, 'data.tar'), forged({ path: 'inner/good.txt' }, ...entries))
    await expect(extractArchive(archive, join(folder, 'cache', 'wanted'))).rejects.toThrow(
      /Can't unpack .*data\.tar: it holds entries that may not be unpacked/,
    )
    expect(readdirSync(folder).sort()).toEqual(['cache', 'data.tar'])
    expect(readdirSync(join(folder, 'cache'))).toEqual([])
  })

  it('names an archive that is cut off, corrupt or has no single folder, and leaves no folder half full', async () => {
    const folder = scratch()
    const good = readFileSync(
      await archived(folder, 'inner/a.txt', ...Array.from({ length: 40 }, (_, i) => `inner/${i}-${Math.sin(i)}`)),
    )
    const wanted = join(folder, 'cache', 'wanted')
    const cut = put(join(folder, 'cut.tar.gz'), good.subarray(0, good.length / 2))
    await expect(extractArchive(cut, wanted)).rejects.toThrow(
      /Can't unpack .*cut\.tar\.gz: .*Delete it and download it again/,
    )
    const noise = put(join(folder, 'noise.tar.gz'), Buffer.alloc(3000, 7))
    await expect(extractArchive(noise, wanted)).rejects.toThrow('noise.tar.gz')
    await expect(extractArchive(join(folder, 'gone.tar.gz'), wanted)).rejects.toThrow('gone.tar.gz')
    const two = await archived(scratch(), 'one/a', 'two/b')
    await expect(extractArchive(two, wanted)).rejects.toThrow('2 entries at its top instead of one folder')
    expect(existsSync(wanted)).toBe(false)
    expect(readdirSync(join(folder, 'cache'))).toEqual([])
  })

  it('does not write through a link that waits in the cache', async () => {
    const folder = scratch()
    const outside = join(folder, 'outside')
    put(join(outside, 'kept.txt'), 'kept')
    put(join(folder, 'cache', 'x'), '')
    symlinkSync(outside, join(folder, 'cache', 'inner'))
    await extractArchive(await archived(folder, 'inner/kept.txt'), join(folder, 'cache', 'wanted'))
    expect(readFileSync(join(outside, 'kept.txt'), 'utf8')).toBe('kept')
  })

  it('stops at an archive that would unpack to too much, before anything is written', async () => {
    const folder = scratch()
    const header = new Header({ path: 'inner/huge', type: 'File', size: 2 ** 33, mode: 0o644, mtime: new Date(0) })
    header.encode()
    const huge = put(join(folder, 'huge.tar'), Buffer.concat([header.block!, Buffer.alloc(4096)]))
    const target = join(folder, 'wanted')
    await expect(extractArchive(huge, target, { maxBytes: 2 ** 32 })).rejects.toMatchObject({
      code: 'too-large',
      subject: huge,
    })
    const many = await archived(folder, 'inner/a.txt', 'inner/b.txt', 'inner/c.txt')
    await expect(extractArchive(many, target, { maxEntries: 2 })).rejects.toThrow('it holds more than 2 entries')
    expect(existsSync(target)).toBe(false)
    await extractArchive(many, target, { maxEntries: 4, maxBytes: 1000 })
    expect(readdirSync(target)).toHaveLength(3)
  })
})
