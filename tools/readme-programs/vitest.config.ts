import { fileURLToPath } from 'node:url'
import { mergeConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

const fewIcons = fileURLToPath(new URL('src/few-icons.ts', import.meta.url))

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
