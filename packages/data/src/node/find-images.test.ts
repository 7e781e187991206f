import { readFileSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, jpeg, put, scratch } from '../__fixtures__/scratch'
import { foldersIn, imagesUnder } from './find-images'
import { passedOverLog } from './passed-over'

async function under(root: string) {
  const log = passedOverLog(root)
  const files = (await imagesUnder(root, log)).map((file) => relative(root, file))
  return { files, passed: log.list() }
}

describe('imagesUnder', () => {
  it('takes images whatever their names are, and nothing else', async () => {
    const root = folderOf('a.jfif', 'b.jpe', 'c', 'd.JPG', 'e.photo', 'sub/.hidden.jpg', '.NET/f.jpg')
    put(join(root, 'g.img'), readFileSync(new URL('../__fixtures__/color.png', import.meta.url)))
    put(join(root, 'notes.txt'), 'no image')
    put(join(root, 'empty'), '')
    put(join(root, '.DS_Store'), 'x')
    put(join(root, 'Thumbs.db'), 'x')
    put(join(root, '._d.JPG'), Uint8Array.of(0, 5, 0x16, 7, 0))
    const { files, passed } = await under(root)
    expect(files).toEqual(['a.jfif', 'b.jpe', 'c', 'd.JPG', 'e.photo', 'g.img', '.NET/f.jpg', 'sub/.hidden.jpg'])
    expect(Object.fromEntries(passed.map(({ reason, count }) => [reason, count]))).toEqual({ system: 3, 'no-image': 2 })
  })

  it.each(['@eaDir', '__MACOSX', '$RECYCLE.BIN', '.ipynb_checkpoints', '.git', '.Trash-1000', 'lost+found'])(
    'passes over %s, though it may hold images',
    async (name) => {
      const { files, passed } = await under(folderOf('1.jpg', `${name}/1.jpg/thumbnail.jpg`))
      expect(files).toEqual(['1.jpg'])
      expect(passed).toEqual([{ reason: 'system', count: 1, example: name }])
    },
  )

  it('refuses images of formats that are not read: they would be missing', async () => {
    const heic = Uint8Array.from([0, 0, 0, 24, ...Buffer.from('ftypheic'), 0, 0, 0, 0, ...Buffer.from('mif1heic')])
    const bitmap = new Uint8Array(64)
    bitmap.set([0x42, 0x4d])
    bitmap[14] = 40
    for (const [name, content] of [
      ['1.HEIC', heic],
      ['1.bmp', bitmap],
      ['1.ppm', Buffer.from('P6\n# made by hand\n2 2\n255\n')],
      ['1', bitmap],
    ] as const) {
      const root = scratch()
      const file = put(join(root, name), content)
      await expect(under(root)).rejects.toMatchObject({ code: 'foreign-format', subject: file })
    }
    // What is no such file in truth is no image, or the image that it is.
    const root = folderOf('really-a.bmp')
    put(join(root, 'BMW.txt'), 'BM is how this text begins, and it goes on for a while after that')
    expect(await under(root)).toMatchObject({ files: ['really-a.bmp'], passed: [{ reason: 'no-image' }] })
  })

  it('refuses links that lead nowhere or back', async () => {
    const dangling = folderOf('1.jpg')
    symlinkSync('/nowhere/class_04', join(dangling, 'class_04'))
    await expect(under(dangling)).rejects.toThrow(/class_04 is a link to .nowhere.class_04, which is not there/)
    const loop = folderOf('a/1.jpg')
    symlinkSync('..', join(loop, 'a/up'))
    await expect(under(loop)).rejects.toThrow(/up is a link that leads back/)
    const fine = folderOf('a/1.jpg', 'b/2.jpg')
    symlinkSync(join(fine, 'b'), join(fine, 'a/more'))
    symlinkSync('1.jpg', join(fine, 'a/z.jpg'))
    expect((await under(fine)).files).toEqual(['a/1.jpg', 'a/z.jpg', 'a/more/2.jpg', 'b/2.jpg'])
  })
})

describe('foldersIn', () => {
  it('notes images that lie beside the folders, and refuses names that look the same', async () => {
    const root = folderOf('b/1.jpg', '.NET/1.jpg', 'stray.jpg')
    const log = passedOverLog(root)
    expect(await foldersIn(root, log)).toEqual(['.NET', 'b'])
    expect(log.list()).toEqual([{ reason: 'no-class', count: 1, example: 'stray.jpg' }])
    put(join(root, 'e\u0301/1.jpg'), jpeg)
    put(join(root, '\u00e9/1.jpg'), jpeg)
    await expect(foldersIn(root, log)).rejects.toThrow('two folders of this name')
  })
})
