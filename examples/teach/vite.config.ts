import { defineConfig } from 'vite'

export default defineConfig({
  // The page may lie in any folder of a site.
  base: './',
  build: { target: 'es2022', chunkSizeWarningLimit: 2000 },
})
