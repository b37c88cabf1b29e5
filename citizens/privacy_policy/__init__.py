"""The privacy policy (개인정보 처리방침): what 개인정보 보호법 §30① and 시행령 §31① require every site to publish."""
