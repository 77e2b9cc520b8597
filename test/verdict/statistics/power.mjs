import { simulate } from './releases.js'; import { judge } from './judge.js';
const N = Number(process.argv[2]);
const EFFECTS = { 'half of third route 401': (r,k,s)=> r===2&&k===1? Math.max(s,.5):s, 'all of third route 302': (r,k,s)=> r===2&&k===0? 1:s, '5% more 404 first':(r,k,s)=>r===0&&k===3? s+.05:s, 'eighth route fails whole':(r,k,s)=>r===7&&k===6?1:s,'eighth route half':(r,k,s)=>r===7&&k===6?.5:s, 'eighth slow':(r,k,s)=>r===7&&k===7?1:s,'2% 5xx on first':(r,k,s)=>r===0&&k===6?s+.02:s, '3% 5xx everywhere':(r,k,s)=>k===6?s+.03:s };
for (const [name,effect] of Object.entries(EFFECTS)) for (const perSecond of [2,10,20,200]) {
  const by={}; const m=[];
  for (let i=0;i<N;i++){ const v=judge(simulate({perSecond,seed:i*7+perSecond,effect}), i%2); by[v.verdict]=(by[v.verdict]??0)+1; if(v.verdict==='rollback') m.push(v.minute); }
  m.sort((a,b)=>a-b); console.log(name, perSecond, JSON.stringify(by), 'median', m[m.length>>1], 'p90', m[Math.floor(m.length*.9)]);
}
