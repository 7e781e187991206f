export * from './dataset/dataset'
export * from './dataset/in-memory'
export * from './images/rgb-image'
