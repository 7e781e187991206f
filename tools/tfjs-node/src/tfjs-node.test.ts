import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bindingBuild, buildBinding, nodeApiHeaders, tfjsNodeFolder } from './binding'
import { findLibtensorflow, tensorflowOfPython } from './libtensorflow'
import { tryOut } from './try-out'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'pilot-tfjs-node-')))
})
afterEach(() => rm(folder, { recursive: true }))

async function files(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), '')
  }
}

describe('findLibtensorflow', () => {
  it('knows the layout of the Python wheel', async () => {
    await files('libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/c_api.h', '__init__.py')
    expect(await findLibtensorflow(folder)).toEqual({
      include: join(folder, 'include'),
      library: folder,
      files: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    })
  })

  it('knows the layout of the C distribution', async () => {
    await files(
      'lib/libtensorflow.so.2',
      'lib/libtensorflow.so',
      'lib/libtensorflow_framework.so.2',
      'include/tensorflow/c/c_api.h',
    )
    const { library, files: names } = await findLibtensorflow(folder)
    expect(library).toBe(join(folder, 'lib'))
    expect(names).toEqual(['libtensorflow.so.2', 'libtensorflow_framework.so.2'])
  })

  it('says what is missing', async () => {
    await expect(findLibtensorflow(folder)).rejects.toThrow(/holds no libtensorflow; .*--tensorflow/)
    await files('libtensorflow_cc.so.2')
    await expect(findLibtensorflow(folder)).rejects.toThrow(/does not hold tensorflow\/c\/c_api\.h/)
    await expect(tensorflowOfPython(join(folder, 'no-python'))).rejects.toThrow(/cannot ask .*no-python/)
  })
})

describe('the build', () => {
  const tensorflow = { include: '/tf/include', library: '/tf', files: ['libtensorflow_cc.so.2'] }

  it('compiles both sources into the place where tfjs-node looks', () => {
    const { compiler, args, output } = bindingBuild('/app/tfjs-node', tensorflow, '/headers', 'g++', 'linux')
    expect(compiler).toBe('g++')
    expect(output).toBe('/app/tfjs-node/lib/napi-v8/tfjs_binding.node')
    for (const part of [
      '/app/tfjs-node/binding/tfjs_backend.cc',
      '/app/tfjs-node/binding/tfjs_binding.cc',
      '-I/headers',
      '-I/tf/include',
      '/tf/libtensorflow_cc.so.2',
      '-Wl,-rpath,/tf',
      '-shared',
    ])
      expect(args).toContain(part)
    expect(bindingBuild('/app', tensorflow, '/headers', 'c++', 'darwin').args).toContain('dynamic_lookup')
  })

  it('runs the compiler, in a folder made for its output', async () => {
    const output = join(folder, 'lib/napi-v8/tfjs_binding.node')
    // Node plays the compiler, which this machine may not have.
    const args = ['-e', `require('node:fs').writeFileSync(${JSON.stringify(output)}, 'object code')`]
    expect(await buildBinding({ compiler: process.execPath, args, output })).toBe('object code'.length)
  })

  it('brings the headers of Node-API', async () => {
    expect(await readdir(nodeApiHeaders())).toContain('node_api.h')
  })

  it('passes on what stands in the way', async () => {
    const build = bindingBuild(folder, tensorflow, '/headers', 'c++', 'linux')
    await expect(buildBinding({ ...build, compiler: 'no-such-compiler' })).rejects.toThrow(
      /no C\+\+ compiler "no-such-compiler"/,
    )
    const args = ['-e', 'console.error("tfjs_backend.cc:3: no such header"); process.exit(1)']
    await expect(buildBinding({ ...build, compiler: process.execPath, args })).rejects.toThrow(
      /does not compile[^]*tfjs_backend\.cc:3: no such header/,
    )
    await expect(tfjsNodeFolder('@tensorflow/tfjs-node', folder)).rejects.toThrow(/npm install --ignore-scripts/)
    await expect(tryOut(join(folder, 'nothing'))).rejects.toThrow(/does not run/)
  })
})
