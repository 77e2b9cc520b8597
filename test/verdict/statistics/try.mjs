import { simulate, KINDS } from './releases.js'; import { judge } from './judge.js';
const N = Number(process.argv[2]);
for (const kind of (process.argv[3]?.split(",") ?? Object.keys(KINDS))) for (const perSecond of (process.argv[4]?.split(",").map(Number) ?? [2,10,20,200])) {
  const t=Date.now(); const by = {}; let rb=0,p=0;
  for (let i=0;i<N;i++){ const v=judge(simulate({perSecond,seed:i*7+perSecond,kind}), i%2); if(v.verdict!=='promote') by[v.verdict+' '+v.by]=(by[v.verdict+' '+v.by]??0)+1; }
  console.log(kind, perSecond, JSON.stringify(by), `${(Date.now()-t)/N} ms each`);
}
