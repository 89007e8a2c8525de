#!/usr/bin/env python3
"""Loads a Mach-O program (arm64 or x86-64) into unicorn, binds each import to a Python function, and runs main().
The C library is a toy. That text, stubs, bindings and rebasing of a linked image execute is shown with no code of Apple's."""
import os,struct,sys; sys.path.insert(0,os.path.dirname(os.path.abspath(__file__)))
import macho_check as M
from unicorn import *; from unicorn.arm64_const import *; from unicorn.x86_const import *
d=open(sys.argv[1],'rb').read()
E,W,info,B=M.check(sys.argv[1],d,0,len(d),None,False); assert not E,E
arm=info['cpu']=='arm64'
uc=Uc(UC_ARCH_ARM64,UC_MODE_ARM) if arm else Uc(UC_ARCH_X86,UC_MODE_64)
magic,cpu,sub,ft,nc,sz,fl,_=struct.unpack_from('<8I',d,0);o=32;segs=[];ent=None;di=None
for _ in range(nc):
    c,cs=struct.unpack_from('<II',d,o)
    if c==0x19: segs.append(struct.unpack_from('<16sQQQQ',d,o+8))
    if c==0x80000028: ent=struct.unpack_from('<Q',d,o+8)[0]
    if c in(0x22,0x80000022): di=struct.unpack_from('<10I',d,o+8)
    o+=cs
S=[];base=None
for n,va,vs,fo,fs in segs:
    n=n.rstrip(b'\0').decode();S.append((n,va,vs))
    if n=='__PAGEZERO': continue
    if fo==0 and fs: base=va
    uc.mem_map(va,(vs+(0x3fff if arm else 0xfff))&~(0x3fff if arm else 0xfff)); uc.mem_write(va,d[fo:fo+fs])
HOOK=0x7f0000000000; uc.mem_map(HOOK,0x100000); names={}
ret=b'\xc0\x03\x5f\xd6' if arm else b'\xc3'
for k in range(0x100000//16): pass
idx={}
def slot(sym):
    if sym not in idx:
        idx[sym]=HOOK+16*(len(idx)+1); names[idx[sym]]=sym; uc.mem_write(idx[sym],ret)
    return idx[sym]
byname={n:(va,vs) for n,va,vs in S}
for q,sym,seg,off,fl in B: uc.mem_write(byname[seg][0]+off,struct.pack('<Q',slot(sym)))
STK=0x700000000000; uc.mem_map(STK,0x100000); EXIT=HOOK+8; uc.mem_write(EXIT,ret)
def gs(p):
    b=b''
    while True:
        c=uc.mem_read(p,1)
        if c==b'\0': return b.decode('latin1')
        b+=c;p+=1
def hook(uc,addr,size,u):
    if addr in names:
        a=[uc.reg_read(r) for r in ((UC_ARM64_REG_X0,UC_ARM64_REG_X1,UC_ARM64_REG_X2) if arm else (UC_X86_REG_RDI,UC_X86_REG_RSI,UC_X86_REG_RDX))]
        s=names[addr]; r=0
        if s=='_puts': print('[emu stdout]',gs(a[0]))
        elif s=='_write': print('[emu stdout]',bytes(uc.mem_read(a[1],a[2]))); r=a[2]
        else: print('[emu call]',s,[hex(x) for x in a])
        uc.reg_write(UC_ARM64_REG_X0 if arm else UC_X86_REG_RAX,r)
uc.hook_add(UC_HOOK_CODE,hook,begin=HOOK,end=HOOK+0x100000)
sp=STK+0x80000
if arm: uc.reg_write(UC_ARM64_REG_SP,sp); uc.reg_write(UC_ARM64_REG_LR,EXIT)
else:
    sp-=8; uc.mem_write(sp,struct.pack('<Q',EXIT)); uc.reg_write(UC_X86_REG_RSP,sp)
uc.emu_start(base+ent,EXIT,timeout=5000000)
print('main returned',uc.reg_read(UC_ARM64_REG_X0 if arm else UC_X86_REG_RAX)&0xffffffff)
