import { fileURLToPath } from 'node:url'
import { mergeConfig } from 'vitest/config'
import shared from './vitest.shared'

const fewIcons = fileURLToPath(new URL('tools/readme-programs/src/few-icons.ts', import.meta.url))

/** For programs that load Icons-100: they get a few of its images, since all of them take a minute of computing. */
export default mergeConfig(
  {
    plugins: [
      {
        name: 'few-icons',
        enforce: 'pre',
        resolveId: (id: string, importer?: string) =>
          (id === '@pilotjs/icons-100' || id.includes('/packages/icons-100/dist/')) && importer !== fewIcons
            ? fewIcons
            : undefined,
      },
    ],
  },
  shared,
)
