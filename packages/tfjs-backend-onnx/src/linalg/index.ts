// Written against tfjs-core alone, so that it serves every engine; here for those who look for it beside the backend.
export * from '@pilotjs/linalg'
