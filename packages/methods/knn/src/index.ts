export { knn, knn as default } from './knn'
