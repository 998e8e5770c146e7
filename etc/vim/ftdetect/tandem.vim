" SPDX-License-Identifier: GPL-2.0-or-later
autocmd BufRead,BufNewFile tandem.conf,*/tandem/*.conf,keepalived.conf setfiletype tandem
